update {table} set position = null where area = $1 and position = any($2::bytea[])
