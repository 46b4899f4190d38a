import { CookieJar } from 'tough-cookie'
import { headerText, headerValues, withHeader, type ProbeAnswer, type ProbeRequest } from './request.js'

/** Cookies of one browser: set by answers, sent where they belong (RFC 6265). */
export interface Jar {
  /** The request with the jar's cookies after those it already carries. */
  addTo(request: ProbeRequest): ProbeRequest
  keep(request: ProbeRequest, answer: ProbeAnswer): void
}

export function createJar(): Jar {
  // Made for the first cookie. Loopback names are special-use domains, which is where labs live.
  let jar: CookieJar | undefined
  const urlOf = ({ origin, path }: ProbeRequest): string => origin + path
  return {
    addTo(request) {
      if (!jar) return request
      const kept = jar.getCookieStringSync(urlOf(request))
      const own = headerText(request.headers, 'cookie')
      const all = [own, kept].filter(Boolean).join('; ')
      return all ? { ...request, headers: withHeader(request.headers, 'cookie', all) } : request
    },
    keep(request, answer) {
      for (const field of headerValues(answer.headers, 'set-cookie')) {
        jar ??= new CookieJar(undefined, { allowSpecialUseDomain: true, rejectPublicSuffixes: false })
        jar.setCookieSync(field, urlOf(request), { ignoreError: true })
      }
    },
  }
}
