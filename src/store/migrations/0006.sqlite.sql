-- An event and its record cost what is asked for, and no more: indices that nothing uses are gone, a number of the log is
-- the row's own, octets of one part stand beside what is said of them, and an open body is found without reading the others.
drop index event_device;
drop index event_container;
create index event_container on event (container, time) where container is not null;
alter table body add column octets blob;
create index body_open on body (id) where complete = 0;
alter table record rename to record_before;
create table record (
  number integer primary key, id text not null, at bigint not null, kind text not null, object text not null, container text,
  journey text, agreement text, content text not null, chain text);
insert into record (number, id, at, kind, object, container, journey, agreement, content, chain)
  select number, id, at, kind, object, container, journey, agreement, content, chain from record_before order by number;
drop table record_before;
create index record_object on record (object, kind);
