delete from {table} where {place} = $1 and key = any($2::bytea[])
