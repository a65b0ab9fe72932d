select found.holder || found.key, ''::bytea
from unnest($2::bytea[], $3::bytea[]) as wanted (first, behind)
cross join lateral (
    select holder, key from {table}
    where area = $1 and (holder, key) >= (substr(wanted.first, 1, 16), substr(wanted.first, 17))
    and (holder, key) < (substr(wanted.behind, 1, 16), substr(wanted.behind, 17))
    order by holder, key limit $4
) as found
