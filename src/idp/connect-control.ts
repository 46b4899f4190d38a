import { OidcgwError } from '../errors.js'
import type { RequestFunction } from '../host.js'
import type { Application } from './applications.js'
import type { Counters, IdpControl } from './control.js'
import type { ACTIONS } from './control-api.js'

export interface ControlAddress {
  /** `…/_control`, as the provider printed it. */
  readonly controlUrl: string
  readonly controlSecret: string
}

/**
 * Controls a provider in another process over its control API.
 * @throws {OidcgwError} from each action: `ERR_PROVIDER_RESPONSE` when it was refused, and what `request` throws.
 */
export function connectControl({ controlUrl, controlSecret }: ControlAddress, request: RequestFunction): IdpControl {
  const act = async (action: keyof typeof ACTIONS, body: object = {}): Promise<Record<string, unknown>> => {
    const [method = '', path = ''] = action.split(' ')
    const answer = await request({
      method,
      url: new URL(controlUrl + path),
      headers: { authorization: `Bearer ${controlSecret}`, 'content-type': 'application/json' },
      ...(method === 'POST' && { body: JSON.stringify(body) }),
    })
    if (answer.status !== 200) {
      throw new OidcgwError('ERR_PROVIDER_RESPONSE', `the provider's control API answered ${answer.status} to ${action}`, {
        hint: 'Check its address and its secret',
      })
    }
    return JSON.parse(answer.body.toString('utf8')) as Record<string, unknown>
  }
  return {
    deactivate: async (application) => void (await act('POST /deactivate', { application })),
    activate: async (application) => void (await act('POST /activate', { application })),
    allowRedirect: async (application, redirect_uri) => void (await act('POST /redirects', { application, redirect_uri })),
    allowLogoutRedirect: async (application, redirect_uri) => void (await act('POST /logout-redirects', { application, redirect_uri })),
    addApplication: async (name, options) => (await act('POST /applications', { ...options, name })) as unknown as Application,
    trust: async (issuer) => void (await act('POST /trust', issuer)),
    rotateKeys: async (options) => String((await act('POST /keys/rotate', options))['kid']),
    counters: async () => (await act('GET /counters')) as unknown as Counters,
    resetCounters: async () => void (await act('POST /counters/reset')),
    fault: async (fault) => void (await act('POST /faults', fault)),
    tamper: async (tamper) => void (await act('POST /tampers', tamper)),
    clearFaults: async () => void (await act('POST /faults/clear')),
    configure: async (settings) => void (await act('POST /settings', settings)),
  }
}
