import { genericGrantRequest, initiateDeviceAuthorization, type DeviceAuthorizationResponse } from 'openid-client'
import { OidcgwError } from '../../errors.js'
import type { ClientHost, ClientOptions } from '../client-options.js'
import { requireEndpoint, type Provider } from '../connect.js'
import { showUrl } from '../show-url.js'
import { attempting } from '../translate-error.js'
import type { TokenSet } from '../types.js'
import { tokenParameters, toTokenSet, withDpop, type Grant, type GrantRequest } from './grant.js'

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

/** RFC 8628: somebody types a code on another device while we ask again and again. */
export const deviceCode: Grant = {
  needsPerson: true,
  async obtain(provider, request, host) {
    requireEndpoint(provider, 'device_authorization_endpoint', 'device authorization')
    const { configuration, clientHint, options } = provider
    const device = await attempting({ what: 'device authorization', stage: 'token', clientHint }, () =>
      initiateDeviceAuthorization(configuration, tokenParameters(request.profile)),
    )
    await showCode(device, host, options)
    return poll(device, provider, request, host)
  },
}

async function showCode(device: DeviceAuthorizationResponse, host: ClientHost, options: ClientOptions): Promise<void> {
  const { verification_uri, verification_uri_complete, user_code } = device
  const target = verification_uri_complete ?? verification_uri
  if (options.interactive) {
    const { renderUnicodeCompact } = await import('uqr')
    options.say?.(renderUnicodeCompact(target))
  }
  const text = `On any device go to ${verification_uri} and enter the code ${user_code}${verification_uri_complete ? `\nor open ${verification_uri_complete}` : ''}`
  // Only a browser that was named opens here: the other device is the point.
  await showUrl(text, new URL(target), host, { ...options, browser: options.browser ?? 'none' })
}

/** Waits the interval first, five seconds more after each `slow_down` (RFC 8628 §3.5), until the code's end by our own clock. */
async function poll(device: DeviceAuthorizationResponse, provider: Provider, request: GrantRequest, host: ClientHost): Promise<TokenSet> {
  const { configuration, clientHint, options } = provider
  const pause = options.pause ?? ((ms: number) => pauseFor(ms, host.signal))
  const end = host.now().getTime() + device.expires_in * 1000
  let intervalSeconds = device.interval ?? 5
  for (;;) {
    await pause(intervalSeconds * 1000)
    if (host.now().getTime() > end) throw expired()
    try {
      const parameters = { device_code: device.device_code }
      const response = await attempting({ what: 'device_code', stage: 'token', clientHint }, () =>
        genericGrantRequest(configuration, DEVICE_CODE, parameters, withDpop(request)),
      )
      return toTokenSet(response, host)
    } catch (cause) {
      const { error, code } = cause as Partial<OidcgwError>
      if (error === 'expired_token') throw expired(cause)
      if (error === 'access_denied') throw new OidcgwError('ERR_LOGIN_DENIED', 'device_code: the sign-in was refused', { cause, error })
      if (error === 'slow_down' || code === 'ERR_NETWORK_TIMEOUT') intervalSeconds += 5
      else if (error !== 'authorization_pending') throw cause
    }
  }
}

const expired = (cause?: unknown): OidcgwError =>
  new OidcgwError('ERR_LOGIN_TIMEOUT', 'device_code: the code has expired before anybody entered it', { cause, hint: 'Start again' })

async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  const { setTimeout: sleep } = await import('node:timers/promises')
  await sleep(ms, undefined, { signal }).catch((cause: unknown) => {
    throw new OidcgwError('ERR_LOGIN_ABANDONED', 'interrupted while waiting for the sign-in', { cause })
  })
}
