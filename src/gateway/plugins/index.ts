import { acl } from './acl.js'
import { correlationId } from './correlation-id.js'
import { cors } from './cors.js'
import { openIdConnect } from './openid-connect/handler.js'
import type { Plugin } from './plugin.js'
import { requestTermination } from './request-termination.js'
import { requestTransformer } from './request-transformer.js'
import { responseTransformer } from './response-transformer.js'

/** The plugins that run here, by their Kong names. Others are accepted and announced as not imitated. */
export const PLUGINS: Readonly<Record<string, Plugin>> = {
  acl,
  cors,
  'correlation-id': correlationId,
  'openid-connect': openIdConnect,
  'request-termination': requestTermination,
  'request-transformer': requestTransformer,
  'response-transformer': responseTransformer,
}
