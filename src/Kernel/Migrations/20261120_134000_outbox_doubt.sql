comment on column kernel.outbox.in_doubt is 'a node stopped between sending and noting it, or the platform''s answer was lost, so this key may have been sent twice';
