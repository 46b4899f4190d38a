import { z } from 'zod'
import { ProjectSchema } from './schema.js'

/** The project file as JSON Schema 2020-12, for editors: what may be written, before references are followed. */
export const projectJsonSchema = (): Record<string, unknown> => ({
  ...z.toJSONSchema(ProjectSchema, { io: 'input', unrepresentable: 'any' }),
  title: 'oidcgw.yaml',
})
