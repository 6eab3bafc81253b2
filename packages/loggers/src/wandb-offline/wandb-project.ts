import { z } from 'zod';

/**
 * The name of a W&B project: 1 to 128 characters without / \\ # ? % :
 *
 * @source wandb/sdk/wandb_settings.py, validate_project
 */
export const wandbProject = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^/\\#?%:]*$/, 'W&B refuses project names with / \\ # ? % or :')
  .default('eddy');
