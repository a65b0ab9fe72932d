select ''::bytea from {table} where area = $1 and holder = substr($2::bytea, 1, 16) and key = substr($2::bytea, 17)
