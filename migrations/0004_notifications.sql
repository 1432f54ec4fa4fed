CREATE TABLE `notifications` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`severity` text NOT NULL,
	`created_at` text NOT NULL,
	`last_at` text NOT NULL,
	`occurrences` integer DEFAULT 1 NOT NULL,
	`machine_id` text,
	`execution_id` text,
	`job_id` text,
	`bulk_run_id` text,
	`dedup_key` text NOT NULL,
	`data_json` text,
	`read_at` text,
	`resolved_at` text,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "notifications_kind_check" CHECK("kind" in ('run_ended', 'run_failed', 'bulk_ended', 'host_key', 'plan_changed', 'conffile', 'vault_locked', 'changed_by_others')),
	CONSTRAINT "notifications_severity_check" CHECK("severity" in ('info', 'warning', 'error'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `notifications_last_at` ON `notifications` ("last_at" desc);--> statement-breakpoint
CREATE INDEX `notifications_read_at_last_at` ON `notifications` (`read_at`,"last_at" desc);--> statement-breakpoint
CREATE INDEX `notifications_dedup_key` ON `notifications` (`dedup_key`);--> statement-breakpoint
CREATE INDEX `notifications_machine_id` ON `notifications` (`machine_id`);--> statement-breakpoint
CREATE INDEX `notifications_job_id` ON `notifications` (`job_id`);--> statement-breakpoint
CREATE INDEX `notifications_execution_id` ON `notifications` (`execution_id`);--> statement-breakpoint
CREATE INDEX `machine_events_severity_created_at` ON `machine_events` (`severity`,"created_at" desc);