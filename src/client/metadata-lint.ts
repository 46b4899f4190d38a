import { createKeySet } from '../jwt/key-set.js'
import type { Jwk, JwkSet } from '../jwt/types.js'
import type { DiscoveryDocument } from './discovery-document.js'
import { isLoopback } from './transport.js'

/** Something worth saying about what a provider publishes. `error`: clients must refuse it, or a secret lies open. */
export interface MetadataFinding {
  readonly id: string
  readonly severity: 'error' | 'warning' | 'info'
  readonly message: string
  readonly spec: string
}

interface Rule extends Omit<MetadataFinding, 'message'> {
  /** Undefined when there is nothing to say. */
  readonly look: (document: DiscoveryDocument) => string | undefined
}

/** Every finding of every rule, errors first. */
export function lintDiscovery(document: DiscoveryDocument): MetadataFinding[] {
  const found = RULES.flatMap(({ look, ...rule }) => {
    const message = look(document)
    return message === undefined ? [] : [{ ...rule, message }]
  })
  const order = { error: 0, warning: 1, info: 2 }
  return found.toSorted((a, b) => order[a.severity] - order[b.severity])
}

const REQUIRED = ['issuer', 'jwks_uri', 'response_types_supported', 'subject_types_supported', 'id_token_signing_alg_values_supported']

const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [])
const keysOf = ({ keys }: DiscoveryDocument): readonly Jwk[] =>
  'jwks' in keys && Array.isArray(keys.jwks['keys'])
    ? (keys.jwks['keys'] as unknown[]).filter((key): key is Jwk => typeof key === 'object' && key !== null)
    : []
const endpoints = ({ metadata }: DiscoveryDocument): readonly (readonly [string, unknown])[] =>
  Object.entries(metadata).filter(([name]) => /(_endpoint|_uri)$/.test(name) && name !== 'op_policy_uri' && name !== 'op_tos_uri')

const RULES: readonly Rule[] = [
  {
    id: 'issuer.mismatch',
    severity: 'error',
    spec: 'OIDC Discovery §4.3',
    look: ({ issuer, metadata }) =>
      metadata['issuer'] === issuer
        ? undefined
        : `issuer: asked for ${issuer}, the metadata says ${String(JSON.stringify(metadata['issuer']))}`,
  },
  {
    id: 'issuer.form',
    severity: 'error',
    spec: 'RFC 8414 §2',
    look: ({ metadata }) => (/[?#]/.test(String(metadata['issuer'] as string)) ? 'issuer has a query or a fragment' : undefined),
  },
  {
    id: 'endpoint.http',
    severity: 'error',
    spec: 'OIDC Discovery §3',
    look: (document) => {
      const plain = endpoints(document).filter(([, value]) => {
        const url = typeof value === 'string' ? URL.parse(value) : null
        return url?.protocol === 'http:' && !isLoopback(url)
      })
      return plain.length > 0 ? `plain http: ${plain.map(([name]) => name).join(', ')}` : undefined
    },
  },
  {
    id: 'endpoint.form',
    severity: 'error',
    spec: 'OIDC Discovery §3',
    look: (document) => {
      const broken = endpoints(document).filter(([, value]) => typeof value !== 'string' || !URL.canParse(value))
      return broken.length > 0 ? `no URL: ${broken.map(([name]) => name).join(', ')}` : undefined
    },
  },
  {
    id: 'member.missing',
    severity: 'warning',
    spec: 'OIDC Discovery §3',
    look: ({ metadata }) => {
      const missing = REQUIRED.filter((name) => metadata[name] === undefined)
      return missing.length > 0 ? `missing: ${missing.join(', ')}` : undefined
    },
  },
  {
    id: 'pkce.missing',
    severity: 'warning',
    spec: 'RFC 9700 §2.1.1',
    look: ({ metadata }) => {
      if (metadata['authorization_endpoint'] === undefined) return undefined
      const methods = list(metadata['code_challenge_methods_supported'])
      if (!methods.includes('S256')) return 'PKCE with S256 is not announced'
      return methods.includes('plain') ? 'PKCE with plain is allowed' : undefined
    },
  },
  {
    id: 'iss.missing',
    severity: 'info',
    spec: 'RFC 9207 §3',
    look: ({ metadata }) =>
      metadata['authorization_endpoint'] !== undefined && metadata['authorization_response_iss_parameter_supported'] !== true
        ? 'the authorization response carries no iss: mix-up attacks are easier'
        : undefined,
  },
  {
    id: 'alg.none',
    severity: 'warning',
    spec: 'OIDC Core §3.1.3.7',
    look: ({ metadata }) => {
      const names = Object.entries(metadata).filter(
        ([name, value]) => name.endsWith('signing_alg_values_supported') && list(value).includes('none'),
      )
      return names.length > 0 ? `alg none is offered: ${names.map(([name]) => name).join(', ')}` : undefined
    },
  },
  {
    id: 'flow.implicit',
    severity: 'info',
    spec: 'RFC 9700 §2.1.2',
    look: ({ metadata }) => {
      const types = list(metadata['response_types_supported']).filter((type) => type.split(' ').includes('token'))
      return types.length > 0 ? `access tokens through the browser are offered: ${types.join(', ')}` : undefined
    },
  },
  {
    id: 'grant.password',
    severity: 'info',
    spec: 'RFC 9700 §2.4',
    look: ({ metadata }) => (list(metadata['grant_types_supported']).includes('password') ? 'the password grant is offered' : undefined),
  },
  {
    id: 'keys.unreachable',
    severity: 'error',
    spec: 'OIDC Discovery §3',
    look: (document) => {
      if ('problem' in document.keys) return document.keys.problem
      return keysOf(document).length === 0 ? 'the key set is empty' : undefined
    },
  },
  {
    id: 'keys.private',
    severity: 'error',
    spec: 'RFC 7517 §9.2',
    look: (document) => {
      const open = keysOf(document).filter((key) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].some((member) => member in key))
      return open.length > 0 ? `private or symmetric keys are published: ${open.map(({ kid }) => kid ?? '(no kid)').join(', ')}` : undefined
    },
  },
  {
    id: 'keys.unusable',
    severity: 'warning',
    spec: 'RFC 7517 §5',
    look: (document) => {
      const { skipped } = createKeySet({ keys: keysOf(document) } as JwkSet)
      return skipped.length > 0 ? skipped.map(({ kid, reason }) => `${kid ?? '(no kid)'}: ${reason}`).join('; ') : undefined
    },
  },
  {
    id: 'keys.kid',
    severity: 'warning',
    spec: 'RFC 7517 §4.5',
    look: (document) => {
      const kids = keysOf(document).map(({ kid }) => kid)
      if (kids.length > 1 && kids.includes(undefined)) return 'a key has no kid'
      return new Set(kids).size < kids.length ? 'two keys share a kid' : undefined
    },
  },
]
