-- What the station knows before the first import: markets, languages, types, sectors, and their other spellings.
-- All of it is data: a clerk may add to it. `key` is the text in lower case with single spaces.

INSERT INTO market (id, code, name, status) VALUES
    (0, 'Unknown', 'Unknown', 'confirmed'),
    (1, 'SEA', 'Seattle', 'confirmed'),
    (2, 'SFO', 'San Francisco', 'confirmed'),
    (3, 'LAX', 'Los Angeles', 'confirmed'),
    (4, 'CVC', 'Central Valley', 'confirmed'),
    (5, 'NYC', 'New York', 'confirmed'),
    (6, 'HOU', 'Houston', 'confirmed'),
    (7, 'DAL', 'Dallas', 'confirmed'),
    (8, 'CMP', 'Chicago and Minneapolis/St Paul', 'confirmed'),
    (9, 'MMT', 'Multi-market', 'confirmed'),
    (10, 'WDC', 'Washington', 'confirmed'),
    (11, 'ADMIN', 'Administration', 'confirmed');
INSERT INTO market (id, code, name, status, report_as_id) VALUES
    (12, 'CHI', 'Chicago', 'confirmed', 8),
    (13, 'MSP', 'Minneapolis/St Paul', 'confirmed', 8);

INSERT INTO language (id, code, name, grp, status) VALUES
    (0, '', 'Unknown', 'Unknown', 'confirmed'),
    (1, 'M', 'Mandarin', 'Chinese', 'confirmed'),
    (2, 'C', 'Cantonese', 'Chinese', 'confirmed'),
    (3, 'M/C', 'Mandarin/Cantonese', 'Chinese', 'confirmed'),
    (4, 'V', 'Vietnamese', 'Vietnamese', 'confirmed'),
    (5, 'T', 'Tagalog', 'Filipino', 'confirmed'),
    (6, 'K', 'Korean', 'Korean', 'confirmed'),
    (7, 'J', 'Japanese', 'Japanese', 'confirmed'),
    (8, 'SA', 'South Asian', 'South Asian', 'confirmed'),
    (9, 'P', 'Punjabi', 'South Asian', 'confirmed'),
    (10, 'HM', 'Hmong', 'Hmong', 'confirmed'),
    (11, 'E', 'English', 'English', 'confirmed'),
    (12, 'L', 'Undetermined', 'Unknown', 'confirmed');

INSERT INTO revenue_type (id, name, is_trade, status) VALUES
    (0, '', 0, 'confirmed'),
    (1, 'Internal Ad Sales', 0, 'confirmed'),
    (2, 'Direct Response Sales', 0, 'confirmed'),
    (3, 'Paid Programming', 0, 'confirmed'),
    (4, 'Branded Content', 0, 'confirmed'),
    (5, 'Other', 0, 'confirmed'),
    (6, 'Services', 0, 'confirmed'),
    (7, 'Trade', 1, 'confirmed');

INSERT INTO spot_type (id, code, name, status) VALUES
    (0, '', 'Unknown', 'confirmed'),
    (1, 'COM', 'Commercial', 'confirmed'),
    (2, 'BNS', 'Bonus', 'confirmed'),
    (3, 'BB', 'Billboard', 'confirmed'),
    (4, 'SVC', 'Service', 'confirmed'),
    (5, 'PRD', 'Production', 'confirmed'),
    (6, 'PKG', 'Package', 'confirmed'),
    (7, 'CRD', 'Credit', 'confirmed'),
    (8, 'PRG', 'Paid programme', 'confirmed'),
    (9, 'AV', 'Avail', 'confirmed');

INSERT INTO synonym (kind, key, value, review) VALUES
    ('revenue_type', 'a&o', 'Internal Ad Sales', 0),
    ('revenue_type', 'a & o', 'Internal Ad Sales', 0),
    ('revenue_type', 'ao', 'Internal Ad Sales', 0),
    ('revenue_type', 'a.o.', 'Internal Ad Sales', 0),
    ('revenue_type', 'local', 'Internal Ad Sales', 1),
    ('revenue_type', 'production', 'Branded Content', 0),
    ('spot_type', 'spot', 'COM', 0),
    ('spot_type', 'commercial', 'COM', 0),
    ('spot_type', 'bonus', 'BNS', 0),
    ('spot_type', 'prod', 'PRD', 0),
    ('spot_type', 'program', 'PRG', 0),
    ('spot_type', 'service', 'SVC', 0),
    ('language', 'en', 'E', 0),
    ('language', 'eng', 'E', 0);

INSERT INTO noise_phrase (phrase, part) VALUES
    ('CREDIT MEMO', 'anywhere'),
    ('(Broker Fees - DO NOT INVOICE)', 'anywhere'),
    ('(Broker Costs - DO NOT INVOICE)', 'anywhere'),
    ('- PRODUCTION', 'customer'),
    ('- PROD', 'customer'),
    ('PRODUCTION', 'customer'),
    ('PROD', 'customer');

INSERT INTO ae (id, name, key) VALUES (1, 'House', 'house');
INSERT INTO entity (id, name, kind, ae_id) VALUES (1, 'WorldLink', 'Agency', NULL), (2, 'House', 'House', 1);

INSERT INTO sector (id, name, grp) VALUES
    (1, 'Automotive', 'Commercial'),
    (2, 'Consumer goods', 'Commercial'),
    (3, 'Technology', 'Commercial'),
    (4, 'Retail', 'Commercial'),
    (5, 'Telecom', 'Commercial'),
    (6, 'Media', 'Commercial'),
    (7, 'Casino', 'Commercial'),
    (8, 'Restaurant', 'Commercial'),
    (9, 'Travel', 'Commercial'),
    (10, 'Insurance', 'Financial'),
    (11, 'Financial services', 'Financial'),
    (12, 'Healthcare', 'Healthcare'),
    (13, 'General outreach', 'Outreach'),
    (14, 'Government', 'Outreach'),
    (15, 'Education', 'Outreach'),
    (16, 'Non-profit', 'Outreach'),
    (17, 'Political outreach', 'Outreach'),
    (18, 'Political', 'Political'),
    (19, 'Utility', 'Other'),
    (20, 'Other', 'Other');
