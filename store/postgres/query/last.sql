select key, value from {table} where {place} = $1 order by key desc limit $2
