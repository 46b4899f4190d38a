import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import type { ProjectGateway } from '../../profile/load.js'
import { checkPath, splitUrl } from '../../probe/request.js'

export interface ProbeTarget {
  readonly origin: string
  readonly path: string
  /** Where the upstream shows what it received; the default of `readEcho` when absent. */
  readonly echo?: string
}

export interface TargetContext {
  readonly gateways: Readonly<Record<string, ProjectGateway>>
  /** `--gateway NAME`. */
  readonly gateway?: string
  readonly env: Host['env']
}

/**
 * A URL as it stands, or a path on the gateway: the one `--gateway` names, else `OIDCGW_GATEWAY_URL`, else the only one of the project.
 * @throws {OidcgwError} `ERR_USAGE` when it is neither or no gateway is known.
 */
export function resolveTarget(text: string, context: TargetContext): ProbeTarget {
  if (!text.startsWith('/')) return splitUrl(text)
  const { url, echo } = chooseGateway(context)
  const base = splitUrl(url)
  const prefix = base.path.replace(/[?].*$/, '').replace(/\/$/, '')
  return { origin: base.origin, path: checkPath(prefix + text.replace(/#.*$/s, '')), ...(echo !== undefined && { echo }) }
}

/** The gateway that paths mean. */
export function chooseGateway({ gateways, gateway, env }: TargetContext): Pick<ProjectGateway, 'url' | 'echo'> {
  const names = Object.keys(gateways)
  const listed =
    names.length > 0 ? `Gateways: ${names.join(', ')}` : 'Write gateways: { local: { url: … } } in oidcgw.yaml, or set OIDCGW_GATEWAY_URL'
  if (gateway !== undefined) {
    const found = Object.hasOwn(gateways, gateway) ? gateways[gateway] : undefined
    if (found) return found
    throw new OidcgwError('ERR_USAGE', `no gateway named "${gateway}"`, { hint: listed })
  }
  const url = env['OIDCGW_GATEWAY_URL']
  if (url) return { url }
  const [only] = names
  if (only !== undefined && names.length === 1) return gateways[only] as ProjectGateway
  throw new OidcgwError('ERR_USAGE', names.length === 0 ? 'a /path needs a gateway, and none is known' : 'several gateways are known', {
    hint: names.length === 0 ? listed : `Choose one with --gateway. ${listed}`,
  })
}
