CREATE TABLE `port_forwards` (
	`id` text PRIMARY KEY NOT NULL,
	`machine_id` text NOT NULL,
	`kind` text NOT NULL,
	`bind_address` text DEFAULT '127.0.0.1' NOT NULL,
	`bind_port` integer NOT NULL,
	`target_host` text NOT NULL,
	`target_port` integer NOT NULL,
	`label` text DEFAULT '' NOT NULL,
	`starts_with_app` integer DEFAULT false NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "port_forwards_kind_check" CHECK("kind" in ('local', 'remote')),
	CONSTRAINT "port_forwards_starts_with_app_check" CHECK("starts_with_app" in (0, 1))
) STRICT;
--> statement-breakpoint
CREATE INDEX `port_forwards_machine_id` ON `port_forwards` (`machine_id`);--> statement-breakpoint
CREATE INDEX `raw_artifacts_kind_created_at` ON `raw_artifacts` (`kind`,"created_at" desc);