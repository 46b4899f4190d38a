import type { ProviderMetadata } from '../../provider/metadata.js'
import { perInstance } from './per-instance.js'
import type { OidcContext } from './types.js'

const advised = perInstance(() => ({ done: false }))

/** `verify_parameters`: says once, in the log, where the configuration asks for what discovery does not announce. It refuses nothing. */
export function adviseOnParameters(metadata: ProviderMetadata, context: OidcContext): void {
  const { config, services } = context
  if (!config.verify_parameters || advised(context).done) return
  advised(context).done = true
  for (const problem of problems(metadata, context)) services.log('warn', `[openid-connect] ${config.issuer}: ${problem}`)
}

function problems(metadata: ProviderMetadata, { config }: OidcContext): string[] {
  const methods = metadata.token_endpoint_auth_methods_supported
  const used = [config.token_endpoint_auth_method, ...(config.client_auth ?? [])].filter((method) => method !== null)
  const unannounced = [...new Set(used)].filter((method) => methods && !methods.includes(method))
  const needed = [
    ['introspection', 'introspection_endpoint'],
    ['userinfo', 'userinfo_endpoint'],
    ['authorization_code', 'authorization_endpoint'],
  ] as const
  const pkce = config.require_proof_key_for_code_exchange === true && !metadata.code_challenge_methods_supported
  return [
    ...unannounced.map((method) => `client authentication ${method} is not among token_endpoint_auth_methods_supported`),
    ...needed
      .filter(([method, endpoint]) => config.auth_methods.includes(method) && !(config[endpoint] ?? metadata[endpoint]))
      .map(([method, endpoint]) => `${method} is enabled, and no ${endpoint} is known`),
    ...(pkce ? ['PKCE is required, and code_challenge_methods_supported is missing'] : []),
  ]
}
