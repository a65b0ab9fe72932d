select value from {table} where {place} = $1 and key = $2
