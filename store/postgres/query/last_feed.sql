select position, key from {table} where area = $1 and position is not null order by position desc limit $2
