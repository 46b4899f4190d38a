/** RFC 7638 thumbprints of keys whose private halves are printed in public documents, and where. */
export const SAMPLE_KEYS: ReadonlyMap<string, string> = new Map([
  ['oGDmHqCJ7yzMkWEkrlZVHkvrHIyQwtlDmeq5ForUHeY', 'the jwt.io debugger (RSA)'],
  ['19J8y7Zprt2-QKLjF2I5pVk0OELX6cY2AfaAv1LC_w8', 'the jwt.io debugger (P-256)'],
  ['iTqXXI0zbAnJCKDaobfhkM1f-6rMSpTfyZMRp_2tKI8', 'the jwt.io debugger (P-384)'],
  ['xZDfZpry4P9vZPZyG2fNBRj-7Lz5omVdm7tHoCgSNfY', 'the jwt.io debugger (P-521)'],
  ['QBeWNRsYJ8Gd0ovgTO17OrzkRbfxu_hA8blamxD_Lf8', 'the jwt.io debugger (Ed25519)'],
  ['IsUn6_e04MaShXFIISMp4kG62LWzMIPy_MvSA5pJgX8', 'RFC 7515 A.2'],
  ['oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U', 'RFC 7515 A.3'],
  ['9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI', 'RFC 7520 §3.3'],
  ['dHri3SADZkrush5HU_50AoRhcKFryN-PI6jPBtPL55M', 'RFC 7520 §3.1'],
  ['kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k', 'RFC 8037 A'],
  ['NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs', 'RFC 7517 and RFC 7638'],
  ['UVSYOAYMLo8sxJkSZl2DZDHA6sP9UlyYSl2moTB7i9Q', 'the tests of a Go JWT library'],
  ['DHFbpoIUqrY8t2zpA2qXfCmr5VO5ZEr4RzHU_-envvQ', 'the Istio samples'],
  ['tT_w9LRNrY7wJalGsTYSt7rutZi86Gvyc0EKR4CaQAw', 'the Istio tests'],
  ['w74aHSC3_oKD_iUp_63sWtm--0YPjHWXzD24c5SGv-4', 'an Envoy Gateway example'],
])
