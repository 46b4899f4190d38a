import { OidcgwError } from '../../errors.js'
import type { Command } from '../context.js'
import { probeRequest, type ProbeRequestOptions } from './probe-request.js'

export type ProbeOptions = ProbeRequestOptions

/** `probe TARGET…`: one request for a URL or a path, suites otherwise. */
export const probe: Command<[readonly string[]], ProbeOptions> = async ([targets], options, context) => {
  const [target] = targets
  if (target === undefined) {
    throw new OidcgwError('ERR_USAGE', 'probe: nothing to probe', { hint: 'Name a URL, or a /path with a gateway in oidcgw.yaml' })
  }
  if (targets.length > 1) throw new OidcgwError('ERR_USAGE', 'probe: one URL at a time')
  return probeRequest([target], options, context)
}
