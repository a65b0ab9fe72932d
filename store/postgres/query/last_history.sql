select holder || key, ''::bytea from {table} where area = $1 and holder is not null order by holder desc, key desc limit $2
