"""What Django's schema cannot say: the search vector's trigger, trigram indexes, import rules
that never overlap.
"""

from __future__ import annotations

from django.contrib.postgres.operations import (
    BtreeGistExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations

# `unaccent` is STABLE, because its dictionary could change; naming the dictionary makes a wrapper
# that an index may use.
FORWARD = """
CREATE FUNCTION listings_plain(text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  AS $$ SELECT public.unaccent('public.unaccent'::regdictionary, lower($1)) $$;

CREATE FUNCTION listings_vector() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.search :=
    setweight(to_tsvector('simple', listings_plain(NEW.title)), 'A') ||
    setweight(to_tsvector('simple', listings_plain(NEW.description)), 'C');
  RETURN NEW;
END $$;

CREATE TRIGGER listings_search BEFORE INSERT OR UPDATE OF title, description ON listings_listing
  FOR EACH ROW EXECUTE FUNCTION listings_vector();

-- listings.search: words with a typing error
CREATE INDEX listing_title_trigrams ON listings_listing
  USING gin (listings_plain(title) gin_trgm_ops);
-- the search for an HS code by words
CREATE INDEX hscode_name_trigrams ON listings_hscode USING gin (listings_plain(name) gin_trgm_ops);

ALTER TABLE listings_importrule ADD CONSTRAINT import_rule_one_at_a_time
  EXCLUDE USING gist (country WITH =, daterange(effective_from, effective_to, '[]') WITH &&);
"""
REVERSE = """
ALTER TABLE listings_importrule DROP CONSTRAINT import_rule_one_at_a_time;
DROP INDEX hscode_name_trigrams;
DROP INDEX listing_title_trigrams;
DROP TRIGGER listings_search ON listings_listing;
DROP FUNCTION listings_vector();
DROP FUNCTION listings_plain(text);
"""


class Migration(migrations.Migration):
    dependencies = [("listings", "0001_initial")]
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(FORWARD, REVERSE),
    ]
