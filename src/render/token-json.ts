import { claimTimes } from '../jwt/claim-times.js'
import { guessKind } from '../jwt/kind.js'
import { recogniseVendor } from '../jwt/vendor.js'
import type { TokenView } from '../jwt/view.js'

/** A token as the `oidcgw/decode/v1` document has it. Members are always there; what is not known is null or empty. */
export function tokenJson({ reading, findings, disclosures, nested }: TokenView, now: Date): Record<string, unknown> {
  const { kind, evidence } = guessKind(reading)
  const times = claimTimes(reading.payload ?? {}, now)
  const exp = times.find(({ claim }) => claim === 'exp')
  return {
    form: reading.form,
    kind,
    kind_evidence: evidence,
    vendor: recogniseVendor(reading.payload ?? {}) ?? null,
    source: reading.source ?? null,
    stripped: reading.stripped,
    problem: reading.problem ?? null,
    header: reading.header ?? null,
    payload: reading.payload ?? null,
    // A token inside stands under `nested`, read: whole it would be one that somebody can use.
    payload_text: reading.payload || nested || !reading.payloadBytes ? null : reading.payloadBytes.toString('utf8'),
    times: Object.fromEntries(
      times.map(({ claim, seconds, date, secondsFromNow }) => [
        claim,
        { seconds, date: date.toISOString(), seconds_from_now: secondsFromNow },
      ]),
    ),
    expired: exp ? exp.secondsFromNow <= 0 : null,
    signature: reading.signature ? { bytes: reading.signature.length, verified: false } : null,
    signatures: reading.signatures.map(({ protected: protectedHeader, header, signature }) => ({
      protected: protectedHeader ?? null,
      header: header ?? null,
      bytes: signature.length,
    })),
    disclosures: disclosures.map(({ name, value, digest, referenced }) => ({ name: name ?? null, value, digest, referenced })),
    nested: nested ? tokenJson(nested, now) : null,
    findings,
  }
}
