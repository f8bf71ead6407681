-- Tells every node that a secret changed, so that what is kept in memory is read anew.
create trigger changed after insert or update or delete on kernel.secrets
    for each row execute function kernel.notify_change('secrets', 'row_key');
