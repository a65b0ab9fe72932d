select key from {table} where area = $1 and position = $2
