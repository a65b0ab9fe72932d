select followed.key, followed.value
from unnest($2::bytea[], $3::bytea[]) as wanted (first, behind)
cross join lateral (
    select key from {table}
    where area = $1 and position >= wanted.first and position < wanted.behind
    order by position limit $4
) as found
cross join lateral (
    select key, value from tenthcup.{followed} where area = $1 and key = found.key limit 1
) as followed
