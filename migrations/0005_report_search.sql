CREATE TABLE `__new_reports` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text,
	`execution_id` text,
	`kind` text NOT NULL,
	`title` text NOT NULL,
	`path` text NOT NULL,
	`created_at` text NOT NULL,
	`pinned` integer DEFAULT false NOT NULL,
	`outcome` text,
	`summary_json` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "reports_kind_check" CHECK("kind" in ('machine', 'global', 'cleanup', 'hermes')),
	CONSTRAINT "reports_pinned_check" CHECK("pinned" in (0, 1)),
	CONSTRAINT "reports_outcome_check" CHECK("outcome" in ('ok', 'warning', 'error', 'cancelled', 'interrupted', 'stopped'))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_reports`("id", "machine_id", "execution_id", "kind", "title", "path", "created_at", "pinned", "outcome", "summary_json") SELECT "id", "machine_id", "execution_id", "kind", "title", "path", "created_at", "pinned", CASE WHEN NOT json_valid("summary_json") THEN NULL WHEN json_extract("summary_json", '$.status') IN ('ok', 'warning', 'error', 'cancelled', 'interrupted', 'stopped') THEN json_extract("summary_json", '$.status') END, "summary_json" FROM `reports`;--> statement-breakpoint
DROP TABLE `reports`;--> statement-breakpoint
ALTER TABLE `__new_reports` RENAME TO `reports`;--> statement-breakpoint
CREATE INDEX `reports_machine_id_created_at` ON `reports` (`machine_id`,"created_at" desc);--> statement-breakpoint
CREATE INDEX `reports_machine_id_pinned_created_at` ON `reports` (`machine_id`,`pinned`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `reports_kind_created_at` ON `reports` (`kind`,"created_at" desc);--> statement-breakpoint
CREATE INDEX `reports_kind_pinned_created_at` ON `reports` (`kind`,`pinned`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `reports_outcome_pinned_created_at` ON `reports` (`outcome`,`pinned`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `reports_pinned_created_at` ON `reports` (`pinned`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `reports_created_at` ON `reports` ("created_at" desc);--> statement-breakpoint
CREATE INDEX `reports_execution_id` ON `reports` (`execution_id`);--> statement-breakpoint
CREATE TABLE `report_texts` (
	`id` integer PRIMARY KEY NOT NULL,
	`report_id` text NOT NULL,
	`title` text NOT NULL,
	`body` text NOT NULL,
	`facets` text NOT NULL,
	FOREIGN KEY (`report_id`) REFERENCES `reports`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `report_texts_report_id_unique` ON `report_texts` (`report_id`);--> statement-breakpoint
-- Below is written by hand. The index of words is kept equal to report_texts by its triggers, whoever writes, cascades included.
CREATE VIRTUAL TABLE report_search USING fts5(
	title, body, facets, content = 'report_texts', content_rowid = 'id',
	tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
);
--> statement-breakpoint
CREATE TRIGGER report_texts_in AFTER INSERT ON report_texts
BEGIN
	INSERT INTO report_search (rowid, title, body, facets) VALUES (new.id, new.title, new.body, new.facets);
END;
--> statement-breakpoint
CREATE TRIGGER report_texts_out AFTER DELETE ON report_texts
BEGIN
	INSERT INTO report_search (report_search, rowid, title, body, facets) VALUES ('delete', old.id, old.title, old.body, old.facets);
END;
--> statement-breakpoint
CREATE TRIGGER report_texts_changed AFTER UPDATE ON report_texts
BEGIN
	INSERT INTO report_search (report_search, rowid, title, body, facets) VALUES ('delete', old.id, old.title, old.body, old.facets);
	INSERT INTO report_search (rowid, title, body, facets) VALUES (new.id, new.title, new.body, new.facets);
END;
--> statement-breakpoint
-- Whatever rule removes old reports: a pinned one stays until it is unpinned.
CREATE TRIGGER reports_pinned_kept BEFORE DELETE ON reports WHEN old.pinned = 1
BEGIN
	SELECT raise(ABORT, 'a pinned report is kept');
END;
