-- How many there are in each state is kept, not counted: whoever watches a gateway asks every few seconds.
create table tally (name text primary key, count bigint not null) without rowid;
insert into tally select 'messages.' || state, count(*) from message group by state;
insert into tally select 'documents.' || state, count(*) from document group by state;
insert into tally select 'deliveries.' || state, count(*) from delivery group by state;

create trigger message_tally_new after insert on message begin
  insert into tally values ('messages.' || new.state, 1) on conflict (name) do update set count = count + 1;
end;
create trigger message_tally_moved after update of state on message when new.state <> old.state begin
  update tally set count = count - 1 where name = 'messages.' || old.state;
  insert into tally values ('messages.' || new.state, 1) on conflict (name) do update set count = count + 1;
end;
create trigger document_tally_new after insert on document begin
  insert into tally values ('documents.' || new.state, 1) on conflict (name) do update set count = count + 1;
end;
create trigger delivery_tally_new after insert on delivery begin
  insert into tally values ('deliveries.' || new.state, 1) on conflict (name) do update set count = count + 1;
end;
create trigger delivery_tally_moved after update of state on delivery when new.state <> old.state begin
  update tally set count = count - 1 where name = 'deliveries.' || old.state;
  insert into tally values ('deliveries.' || new.state, 1) on conflict (name) do update set count = count + 1;
end;
create trigger delivery_tally_gone after delete on delivery begin
  update tally set count = count - 1 where name = 'deliveries.' || old.state;
end;

-- What waits longest, and what customs owes an answer, are the first entries of an index.
create index message_oldest on message (agreement, coalesce(first_try, due)) where state in ('ready', 'waiting', 'unknown');
alter table message add column answered smallint not null default 0;
update message set answered = 1 where exists (select 1 from notice where notice.message = message.id);
create trigger notice_answers after insert on notice when new.message is not null begin
  update message set answered = 1 where id = new.message and answered = 0;
end;
create index message_unanswered on message (agreement, first_try) where state = 'sent' and answered = 0 and kind not in ('reply', 'relay');
create index container_held on container (number) where held is not null;
create index container_leased on container (number) where held is null and lease_owner is not null;
