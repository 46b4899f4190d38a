import { createPluginFields } from './plugin-fields.js'

const METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']

/** `cors` (Kong 3.x). */
export const cors = createPluginFields([
  { name: 'origins', type: 'array of string' },
  { name: 'headers', type: 'array of string' },
  { name: 'exposed_headers', type: 'array of string' },
  { name: 'methods', type: 'array of string', default: METHODS, enum: METHODS },
  { name: 'max_age', type: 'number' },
  { name: 'credentials', type: 'boolean', default: false },
  { name: 'private_network', type: 'boolean', default: false },
  { name: 'preflight_continue', type: 'boolean', default: false },
  { name: 'allow_origin_absent', type: 'boolean', default: true },
])
