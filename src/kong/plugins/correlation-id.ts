import { createPluginFields } from './plugin-fields.js'

/** `correlation-id` (Kong 3.x). */
export const correlationId = createPluginFields([
  { name: 'header_name', type: 'string', default: 'Kong-Request-ID' },
  { name: 'generator', type: 'string', default: 'uuid#counter', enum: ['uuid', 'uuid#counter', 'tracker'] },
  { name: 'echo_downstream', type: 'boolean', default: false },
])
