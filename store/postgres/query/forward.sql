select key, value from {table} where {place} = $1 and key >= $2 order by key limit $3
