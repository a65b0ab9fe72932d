insert into {table} (area, key, value, month, holder)
select place.area, new.key, new.value, (
    select extract(year from now() at time zone 'UTC')::integer * 100 + extract(month from now() at time zone 'UTC')::integer
), new.holder
from tenthcup.area as place cross join unnest($2::bytea[], $3::bytea[], $4::bytea[]) as new (key, value, holder)
where place.area = $1
