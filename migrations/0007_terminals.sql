CREATE TABLE `terminal_screens` (
	`id` text PRIMARY KEY NOT NULL,
	`window_id` text NOT NULL,
	`machine_id` text NOT NULL,
	`enc_screen` text NOT NULL,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE INDEX `terminal_screens_window_id` ON `terminal_screens` (`window_id`);--> statement-breakpoint
CREATE INDEX `terminal_screens_machine_id` ON `terminal_screens` (`machine_id`);--> statement-breakpoint
CREATE TABLE `terminal_snippets` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`body` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `terminal_snippets_name_key` ON `terminal_snippets` (`name_key`);