CREATE TABLE `machine_descriptions` (
	`machine_id` text PRIMARY KEY NOT NULL,
	`group_name` text,
	`notes` text,
	`chosen_kind` text,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "machine_descriptions_chosen_kind_check" CHECK("chosen_kind" in ('physical', 'vm', 'proxmox_host', 'lxc', 'raspberry_pi', 'workstation', 'unknown'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `machine_descriptions_group_name` ON `machine_descriptions` (`group_name`);