import { lintKeySet } from '../jwt/key-lint/index.js'
import type { Severity } from '../jwt/lint/rule.js'
import type { DiscoveryDocument } from './discovery-document.js'
import { isLoopback } from './transport.js'

/** Something worth saying about what a provider publishes. `error`: clients must refuse it, or a secret lies open. */
export interface MetadataFinding {
  /** Stable: `M-01` for metadata, `K-07` for keys. */
  readonly id: string
  /** Stable, `issuer.mismatch`. */
  readonly key: string
  readonly severity: Severity
  readonly message: string
  readonly spec: string
}

interface Rule extends Omit<MetadataFinding, 'message'> {
  /** Undefined when there is nothing to say. */
  readonly look: (document: DiscoveryDocument) => string | undefined
}

const ORDER: Readonly<Record<Severity, number>> = { error: 0, warn: 1, notice: 2, info: 3 }

/** Every finding about metadata and keys, errors first. */
export function lintDiscovery(document: DiscoveryDocument, now: Date): MetadataFinding[] {
  const found = RULES.flatMap(({ look, ...rule }) => {
    const message = look(document)
    return message === undefined ? [] : [{ ...rule, message }]
  })
  const { keys } = document
  const ofKeys = 'jwks' in keys ? lintKeySet(keys.jwks, { now, delivery: keys.delivery }) : []
  const named = ofKeys.map(({ id, key, severity, message, spec, kid }) => ({
    id,
    key,
    severity,
    spec,
    message: kid === undefined ? message : `key ${kid}: ${message}`,
  }))
  return [...found, ...named].toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity])
}

const REQUIRED = ['issuer', 'jwks_uri', 'response_types_supported', 'subject_types_supported', 'id_token_signing_alg_values_supported']

const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [])
const endpoints = ({ metadata }: DiscoveryDocument): readonly (readonly [string, unknown])[] =>
  Object.entries(metadata).filter(([name]) => /(_endpoint|_uri)$/.test(name) && name !== 'op_policy_uri' && name !== 'op_tos_uri')

const RULES: readonly Rule[] = [
  {
    id: 'M-01',
    key: 'issuer.mismatch',
    severity: 'error',
    spec: 'OIDC Discovery §4.3',
    look: ({ issuer, metadata }) =>
      metadata['issuer'] === issuer
        ? undefined
        : `issuer: asked for ${issuer}, the metadata says ${String(JSON.stringify(metadata['issuer']))}`,
  },
  {
    id: 'M-02',
    key: 'issuer.form',
    severity: 'error',
    spec: 'RFC 8414 §2',
    look: ({ metadata }) => (/[?#]/.test(String(metadata['issuer'] as string)) ? 'issuer has a query or a fragment' : undefined),
  },
  {
    id: 'M-03',
    key: 'endpoint.http',
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
    id: 'M-04',
    key: 'endpoint.form',
    severity: 'error',
    spec: 'OIDC Discovery §3',
    look: (document) => {
      const broken = endpoints(document).filter(([, value]) => typeof value !== 'string' || !URL.canParse(value))
      return broken.length > 0 ? `no URL: ${broken.map(([name]) => name).join(', ')}` : undefined
    },
  },
  {
    id: 'M-05',
    key: 'member.missing',
    severity: 'warn',
    spec: 'OIDC Discovery §3',
    look: ({ metadata }) => {
      const missing = REQUIRED.filter((name) => metadata[name] === undefined)
      return missing.length > 0 ? `missing: ${missing.join(', ')}` : undefined
    },
  },
  {
    id: 'M-06',
    key: 'pkce.missing',
    severity: 'warn',
    spec: 'RFC 9700 §2.1.1',
    look: ({ metadata }) => {
      if (metadata['authorization_endpoint'] === undefined) return undefined
      const methods = list(metadata['code_challenge_methods_supported'])
      if (!methods.includes('S256')) return 'PKCE with S256 is not announced'
      return methods.includes('plain') ? 'PKCE with plain is allowed' : undefined
    },
  },
  {
    id: 'M-07',
    key: 'iss.missing',
    severity: 'info',
    spec: 'RFC 9207 §3',
    look: ({ metadata }) =>
      metadata['authorization_endpoint'] !== undefined && metadata['authorization_response_iss_parameter_supported'] !== true
        ? 'the authorization response carries no iss: mix-up attacks are easier'
        : undefined,
  },
  {
    id: 'M-08',
    key: 'alg.none',
    severity: 'warn',
    spec: 'OIDC Core §3.1.3.7',
    look: ({ metadata }) => {
      const names = Object.entries(metadata).filter(
        ([name, value]) => name.endsWith('signing_alg_values_supported') && list(value).includes('none'),
      )
      return names.length > 0 ? `alg none is offered: ${names.map(([name]) => name).join(', ')}` : undefined
    },
  },
  {
    id: 'M-09',
    key: 'flow.implicit',
    severity: 'info',
    spec: 'RFC 9700 §2.1.2',
    look: ({ metadata }) => {
      const types = list(metadata['response_types_supported']).filter((type) => type.split(' ').includes('token'))
      return types.length > 0 ? `access tokens through the browser are offered: ${types.join(', ')}` : undefined
    },
  },
  {
    id: 'M-10',
    key: 'grant.password',
    severity: 'info',
    spec: 'RFC 9700 §2.4',
    look: ({ metadata }) => (list(metadata['grant_types_supported']).includes('password') ? 'the password grant is offered' : undefined),
  },
  {
    id: 'M-11',
    key: 'keys.unreachable',
    severity: 'error',
    spec: 'OIDC Discovery §3',
    look: ({ keys }) => ('problem' in keys ? keys.problem : undefined),
  },
]
