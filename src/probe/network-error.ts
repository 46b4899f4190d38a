import { OidcgwError } from '../errors.js'

export interface FailedCall {
  /** Origin; never a whole URL, which may hold a secret. */
  readonly target: string
  readonly method: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name does not resolve',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed',
  EHOSTUNREACH: 'the host is unreachable',
  ENETUNREACH: 'the network is unreachable',
}

/** Why no answer came, as one of our errors. A mistake of ours (an argument undici refuses) comes back unchanged. */
export function translateNetworkError(cause: unknown, { target, method, timeoutMs, signal }: FailedCall): unknown {
  if (cause instanceof OidcgwError) return cause
  if (signal?.aborted) return new OidcgwError('ERR_ABORTED', 'interrupted', { cause })
  const { name, code = '', message = '' } = cause as { name?: string; code?: string; message?: string }
  if (code === 'UND_ERR_INVALID_ARG') return new OidcgwError('ERR_USAGE', `cannot send this request: ${message}`, { cause })
  if (name === 'TimeoutError' || /^UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT$|^ETIMEDOUT$/.test(code)) {
    return new OidcgwError('ERR_NETWORK_TIMEOUT', `no answer from ${target} within ${timeoutMs} ms (${method})`, {
      cause,
      hint: 'Give it longer with --timeout, or check the address',
    })
  }
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|EPROTO/.test(code)) {
    return new OidcgwError('ERR_TLS', `the TLS connection to ${target} failed: ${code}`, {
      cause,
      hint: 'Add the signing CA with --ca-file',
    })
  }
  const reason = REASONS[code] ?? (code.startsWith('HPE_') ? `it does not speak HTTP (${code})` : code || message || 'unknown reason')
  return new OidcgwError('ERR_NETWORK', `cannot reach ${target}: ${reason}`, { cause, hint: 'Check the address and that the server runs' })
}
