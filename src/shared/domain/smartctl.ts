import { z } from 'zod';

const number = z.number().optional().catch(undefined);
/**
 * The fields of `smartctl --json` that are looked at. Without `smartctl` it is no answer of that program; everything else may
 * be absent, and a wrong type counts as absent.
 */
export const smartctlAnswerSchema = z.looseObject({
  model_name: z.string().optional().catch(undefined),
  serial_number: z.string().optional().catch(undefined),
  smartctl: z.looseObject({
    messages: z
      .array(z.looseObject({ string: z.string() }))
      .optional()
      .catch(undefined),
  }),
  smart_status: z.looseObject({ passed: z.boolean() }).optional().catch(undefined),
  temperature: z.looseObject({ current: number }).optional().catch(undefined),
  power_on_time: z.looseObject({ hours: number }).optional().catch(undefined),
  ata_smart_attributes: z
    .looseObject({
      table: z.array(
        z.looseObject({ id: z.number(), value: number, raw: z.looseObject({ value: z.number() }) }),
      ),
    })
    .optional()
    .catch(undefined),
  nvme_smart_health_information_log: z
    .looseObject({
      available_spare: number,
      available_spare_threshold: number,
      percentage_used: number,
      media_errors: number,
    })
    .optional()
    .catch(undefined),
  scsi_grown_defect_list: number,
});
