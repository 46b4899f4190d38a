import { openIdConnect } from '../openid-connect/read.js'
import { acl } from './acl.js'
import { correlationId } from './correlation-id.js'
import { cors } from './cors.js'
import type { PluginFields } from './plugin-fields.js'
import { requestTermination } from './request-termination.js'
import { requestTransformer, responseTransformer } from './transformers.js'

/** The plugins the local gateway runs. Any other one is accepted as it is and announced. */
const PLUGIN_FIELDS: Readonly<Record<string, PluginFields>> = {
  'openid-connect': openIdConnect,
  acl,
  cors,
  'request-termination': requestTermination,
  'correlation-id': correlationId,
  'request-transformer': requestTransformer,
  'response-transformer': responseTransformer,
}

/** Undefined for a plugin that is not imitated. */
export const fieldsOf = (name: string): PluginFields | undefined => (Object.hasOwn(PLUGIN_FIELDS, name) ? PLUGIN_FIELDS[name] : undefined)
