/** The one path of a request, still percent-encoded where it must be. Only {@link normalisePath} makes one. */
export type RequestPath = string & { readonly __brand: 'RequestPath' }
