select holder || key, ''::bytea from {table}
where area = $1 and (holder, key) >= (substr($2::bytea, 1, 16), substr($2::bytea, 17))
order by holder, key limit $3
