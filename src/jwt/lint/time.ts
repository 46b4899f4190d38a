import { formatDuration } from '../../config/duration.js'
import { numericDate } from '../checks/time.js'
import { showValue } from '../printable.js'
import { error, hasClaims, info, isAccessToken, isIdToken, warn, type LintContext, type LintRule } from './rule.js'

const TIMES: readonly string[] = ['exp', 'nbf', 'iat', 'auth_time']
const at = ({ claims }: LintContext, name: string): number | undefined => numericDate(claims[name])
const span = (seconds: number): string => formatDuration(seconds * 1000)
/** Kinds that live by other rules than `exp`. */
const NEEDS_NO_EXP: readonly string[] = ['DPoP proof', 'UserInfo response', 'security event', 'introspection response']

/** When it is good (L-46 … L-54). */
export const TIME: readonly LintRule[] = [
  {
    id: 'L-46',
    key: 'exp.missing',
    spec: 'RFC 9068 §2.2',
    check: (context) => {
      if (!hasClaims(context) || context.claims['exp'] !== undefined || NEEDS_NO_EXP.includes(context.kind.kind)) return undefined
      return isAccessToken(context) ? error('No exp: valid for ever') : warn('No exp: valid for ever')
    },
  },
  {
    id: 'L-47',
    key: 'exp.expired',
    spec: 'RFC 7519 §4.1.4',
    check: (context) => {
      const exp = at(context, 'exp')
      if (exp === undefined || exp > context.nowSeconds) return undefined
      return error(`Expired ${span(context.nowSeconds - exp)} ago, by this clock (${new Date(context.nowSeconds * 1000).toISOString()})`)
    },
  },
  {
    id: 'L-48',
    key: 'exp.soon',
    spec: 'RFC 7519 §4.1.4',
    check: (context) => {
      const left = (at(context, 'exp') ?? 0) - context.nowSeconds
      return left > 0 && left <= 60 ? warn(`Expires in ${span(left)}: test runs will flap`) : undefined
    },
  },
  {
    id: 'L-49',
    key: 'time.type',
    spec: 'RFC 7519 §2',
    check: ({ claims }) =>
      TIMES.flatMap((name) =>
        claims[name] !== undefined && typeof claims[name] !== 'number' ? [error(`${name} ${showValue(claims[name])} is not a number`)] : [],
      ),
  },
  {
    id: 'L-50',
    key: 'time.millis',
    spec: 'RFC 7519 §2',
    check: ({ claims }) =>
      TIMES.flatMap((name) =>
        typeof claims[name] === 'number' && claims[name] > 100_000_000_000
          ? [error(`${name} is in milliseconds: the token never expires`)]
          : [],
      ),
  },
  {
    id: 'L-51',
    key: 'time.order',
    spec: 'RFC 7519 §4.1',
    check: (context) => {
      const exp = at(context, 'exp')
      const late = exp === undefined ? [] : ['nbf', 'iat'].filter((name) => (at(context, name) ?? 0) > exp)
      const dead = TIMES.filter((name) => typeof context.claims[name] === 'number' && context.claims[name] <= 0)
      return [
        ...late.map((name) => error(`${name} is after exp: never valid`)),
        ...dead.map((name) => error(`${name} is zero or negative`)),
      ]
    },
  },
  {
    id: 'L-52',
    key: 'nbf.early',
    spec: 'RFC 7519 §4.1.5',
    check: (context) => {
      const nbf = at(context, 'nbf')
      return nbf !== undefined && nbf > context.nowSeconds
        ? error(`Not valid for another ${span(nbf - context.nowSeconds)}; check the clocks`)
        : undefined
    },
  },
  {
    id: 'L-53',
    key: 'iat.ahead',
    spec: 'RFC 7519 §4.1.6',
    check: (context) => {
      const ahead = (at(context, 'iat') ?? 0) - context.nowSeconds
      if (ahead <= 0) return undefined
      return warn(`Issued ${span(ahead)} in the future${ahead < 300 ? ': the clocks of issuer and this machine differ' : ''}`)
    },
  },
  {
    id: 'L-54',
    key: 'life.long',
    spec: 'RFC 6750 §5.3',
    check: (context) => {
      const exp = at(context, 'exp')
      const start = at(context, 'iat') ?? at(context, 'nbf')
      if (exp === undefined || start === undefined) return undefined
      const life = exp - start
      const text = `Lives ${span(life)}: a stolen one stays useful`
      if (isIdToken(context)) return life > 86_400 ? warn(text) : undefined
      if (!isAccessToken(context)) return undefined
      if (life > 7 * 86_400) return error(text)
      return life > 86_400 ? warn(text) : life > 3600 ? info(text) : undefined
    },
  },
]
