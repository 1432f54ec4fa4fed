CREATE TABLE `queue_pauses` (
	`machine_id` text PRIMARY KEY NOT NULL,
	`paused_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE TABLE `__new_job_logs` (
	`id` text PRIMARY KEY NOT NULL,
	`job_id` text NOT NULL,
	`seq` integer NOT NULL,
	`at` text NOT NULL,
	`level` text NOT NULL,
	`message` text NOT NULL,
	`code` text,
	`data_json` text,
	FOREIGN KEY (`job_id`) REFERENCES `jobs`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "job_logs_level_check" CHECK("level" in ('info', 'warn', 'error')),
	CONSTRAINT "job_logs_code_check" CHECK("code" in ('queued', 'started', 'step', 'attempt_failed', 'interrupted', 'taken_up', 'let_go', 'moved', 'cancel_requested', 'ended'))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_job_logs`("id", "job_id", "seq", "at", "level", "message") SELECT "id", "job_id", "seq", "at", "level", "message" FROM `job_logs`;--> statement-breakpoint
DROP TABLE `job_logs`;--> statement-breakpoint
ALTER TABLE `__new_job_logs` RENAME TO `job_logs`;--> statement-breakpoint
CREATE UNIQUE INDEX `job_logs_job_id_seq` ON `job_logs` (`job_id`,`seq`);--> statement-breakpoint
ALTER TABLE `jobs` ADD `not_before` text;