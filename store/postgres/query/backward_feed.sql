select position, key from {table} where area = $1 and position < $2 order by position desc limit $3
