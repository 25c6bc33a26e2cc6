import type { Market } from '../api/orders';

export interface Place {
  readonly code: string;
  readonly name: string;
}

/** Names of states, by country: the browser knows those of countries alone. */
const STATES: Readonly<Record<string, string>> = {
  US: `AL Alabama, AK Alaska, AZ Arizona, AR Arkansas, CA California, CO Colorado, CT Connecticut, DE Delaware,
    DC District of Columbia, FL Florida, GA Georgia, HI Hawaii, ID Idaho, IL Illinois, IN Indiana, IA Iowa, KS Kansas, KY Kentucky,
    LA Louisiana, ME Maine, MD Maryland, MA Massachusetts, MI Michigan, MN Minnesota, MS Mississippi, MO Missouri, MT Montana,
    NE Nebraska, NV Nevada, NH New Hampshire, NJ New Jersey, NM New Mexico, NY New York, NC North Carolina, ND North Dakota,
    OH Ohio, OK Oklahoma, OR Oregon, PA Pennsylvania, RI Rhode Island, SC South Carolina, SD South Dakota, TN Tennessee, TX Texas,
    UT Utah, VT Vermont, VA Virginia, WA Washington, WV West Virginia, WI Wisconsin, WY Wyoming`,
  IN: `AN Andaman and Nicobar Islands, AP Andhra Pradesh, AR Arunachal Pradesh, AS Assam, BR Bihar, CG Chhattisgarh, CH Chandigarh,
    DH Dadra and Nagar Haveli and Daman and Diu, DL Delhi, GA Goa, GJ Gujarat, HP Himachal Pradesh, HR Haryana, JH Jharkhand,
    JK Jammu and Kashmir, KA Karnataka, KL Kerala, LA Ladakh, LD Lakshadweep, MH Maharashtra, ML Meghalaya, MN Manipur,
    MP Madhya Pradesh, MZ Mizoram, NL Nagaland, OD Odisha, PB Punjab, PY Puducherry, RJ Rajasthan, SK Sikkim, TN Tamil Nadu,
    TR Tripura, TS Telangana, UK Uttarakhand, UP Uttar Pradesh, WB West Bengal`,
  BR: `AC Acre, AL Alagoas, AM Amazonas, AP Amapá, BA Bahia, CE Ceará, DF Distrito Federal, ES Espírito Santo, GO Goiás,
    MA Maranhão, MG Minas Gerais, MS Mato Grosso do Sul, MT Mato Grosso, PA Pará, PB Paraíba, PE Pernambuco, PI Piauí, PR Paraná,
    RJ Rio de Janeiro, RN Rio Grande do Norte, RO Rondônia, RR Roraima, RS Rio Grande do Sul, SC Santa Catarina, SE Sergipe,
    SP São Paulo, TO Tocantins`,
};

const byName = (a: Place, b: Place): number => a.name.localeCompare(b.name, 'en');

/** The countries of these markets, by name. */
export function countriesOf(markets: readonly Market[]): Place[] {
  const names = new Intl.DisplayNames('en-GB', { type: 'region' });
  const codes = [...new Set(markets.map(({ country }) => country))];
  return codes.map((code) => ({ code, name: names.of(code) ?? code })).sort(byName);
}

/** The states of a country that is taxed by state, by name; none for any other. A state without a name shows its code. */
export function statesOf(markets: readonly Market[], country: string): Place[] {
  const names = new Map(
    (STATES[country] ?? '').split(',').map((entry) => {
      const [code = '', ...words] = entry.trim().split(/\s+/);
      return [code, words.join(' ')];
    }),
  );
  return markets
    .flatMap((market) => (market.country === country && market.state !== null ? [market.state] : []))
    .map((code) => ({ code, name: names.get(code) ?? code }))
    .sort(byName);
}

/** What one may pay in there, the usual currency first. */
export const currenciesOf = (markets: readonly Market[], country: string): readonly string[] =>
  markets.find((market) => market.country === country)?.currencies ?? [];
