create table workflows.workflow_templates (
    template_id       uuid primary key,
    community_id      bigint references kernel.communities,
    name              text not null check (length(name) between 3 and 255),
    description       text check (length(description) <= 1000),
    category          text check (length(category) <= 100),
    template_workflow jsonb not null check (jsonb_typeof(template_workflow) = 'object'),
    preview_image_url text,
    download_count    bigint not null default 0,
    rating            numeric(3, 2) check (rating between 1 and 5),
    tags              text[] not null default '{}',
    is_public         boolean not null default true,
    created_by        text not null,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    unique nulls not distinct (community_id, name),
    check (is_public = (community_id is null))
);
comment on table workflows.workflow_templates is 'workflows to begin with';
comment on column workflows.workflow_templates.community_id is 'whose own it is, and nobody else sees it; null: it came with this build and is public';
comment on column workflows.workflow_templates.download_count is 'workflows made of it';
comment on column workflows.workflow_templates.rating is 'the mean of its ratings; null: nobody rated it';
create index workflow_templates_category on workflows.workflow_templates (category);
create index workflow_templates_public on workflows.workflow_templates (is_public);

create table workflows.workflow_template_ratings (
    template_id  uuid not null references workflows.workflow_templates on delete cascade,
    community_id bigint not null references kernel.communities,
    rating       integer not null check (rating between 1 and 5),
    rated_by     text not null,
    updated_at   timestamptz not null default now(),
    primary key (template_id, community_id)
);
