/** Owns small media for scenes and tests: a picture with see-through parts, a tone. Base64. */

/** 320 × 200 PNG, a palette of rings on a transparent ground. */
export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAUAAAADICAMAAACu2siZAAAAD1BMVEUAAAALKjogYIBAoL6g3Ou+jQ4bAAAABXRSTlMA/////xzQJlIAAAM7SURBVHja7d1JcsQgEAVRQHX/M3vr8NDMoPqVeQA54k' +
  'WhhRtBSkRERERERPQjg6Df7P/AGbdDcYUdimv0MJzXw3BeD8MFfKEJbV3wQXiXLxqh7Qk/BK/yxSC03eGH4FU+aUIzBD3wiRKaIejIT07QDMGDfs/fhRVcYDemGM3vaS2W4Gq9LsMwfk9/QQQ36bUb' +
  '6vs9M6kLbuZrI1T2e1YkLHjEry6o6vesS1PwnJ+m4EG+OiF+4QSP+6kJHuerEeIXSvCSn47gLb+PgviFEbzpJyF41e+TIH4xBFf4ld+tEIzhV/4vguDkAi615BfxlF9pSXsEZ/xKa8qC436lp3FB1Q' +
  'EsvYmO4DG/cUFFvzKWoOAYYClbBIUAN/kNCuKnKzgAWGZTArzhJyUI4BbAzX4jgjIDWMpuQVcjeMtvQFADsJQDgo4AzRGgMYCCI9gJWMoZQTeAVwdQYQSXD2D+XoARXAuYfxcScNAv/91KQWnAnEcE' +
  'nQP2reAhvhqh7zW8DDDnUUFBwPV+6wRFAXOeEASwxe+DoGfArldg2QRYHL8E1wDmvGUE3QL2ruCcJwUdr2EADwJO+3ULAggggPsBc54XBBBAAAEEEMB4gOYQ0JhAljCAAAIIIIAA8t8YAAGMBMhvIg' +
  'Dyu7AoYOCdCeyNeQcgu7PYH3jkJcgO1Y2AUfdIs0v/RYB8J8KXStcB+VaOrzXvj2Cw74X5Yn0PIGcmuBjBmMeecG7M7Brm5KLZEeTsrNkR5PQ2AN0LRj8ClDNUrwqq+XGO9B1ATjKfFuQs/Rogtzns' +
  'HkHuE5kdQW60WSDInUqJW70uj2DFsPURwW/me2LfbMjdmt4Fla/H5X7h9wsq+HHH+k5Au+XnCvCWoIzfJUEhv4+Amwg//8mEYCy/44JyfjVBO8jn0++koKZfVdDO8Pn1qwLaET/HgHVB28/n2a9F0D' +
  'bz+fZrErSdfN792gSHDNsenFIQQdvCp+DXLNhh2PzElGIJtiD2PCzJZH0tsJPi6xdcUUoI4ndPMCUE8btGmFTDzwNh0g6/dxOmEMH3UsEUKPjeRpgCBt9LDFPo4LtqCN6MIWwzhoCNK8I0rghOvyYE' +
  'RERERER6fQFvPTL12eyNowAAAABJRU5ErkJggg==';

/** A PNG of a few bytes that says it is 60,000 × 60,000 pixels large. */
export const HUGE_PNG = btoa(`\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x06\0\0\0`);

/** Half a second of 440 Hz, 8 kHz, 8 bit, mono, as WAV. */
export function toneWav(): string {
  const samples = 4_000;
  const text = (value: number, bytes: number): string => Array.from({ length: bytes }, (_, i) => String.fromCharCode((value >>> (8 * i)) & 0xff)).join('');
  const data = Array.from({ length: samples }, (_, i) => String.fromCharCode(128 + Math.round(60 * Math.sin((2 * Math.PI * 440 * i) / 8_000)))).join('');
  const format = text(1, 2) + text(1, 2) + text(8_000, 4) + text(8_000, 4) + text(1, 2) + text(8, 2);
  return btoa(`RIFF${text(36 + samples, 4)}WAVEfmt ${text(16, 4)}${format}data${text(samples, 4)}${data}`);
}
