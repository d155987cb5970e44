-- AS4: what went over the wire for a message of ours, and what was taken of a peer.
create table as4_out (
  message text primary key, message_id text not null unique, content_type text not null, body text not null, digests text not null,
  made bigint not null);
create table as4_in (
  agreement text not null, signer text not null, message_id text not null, received bigint not null, digest text not null,
  conversation text, document text, answer_type text not null, answer text not null, primary key (agreement, signer, message_id));
create index as4_in_document on as4_in (document);
create index as4_in_received on as4_in (received);
