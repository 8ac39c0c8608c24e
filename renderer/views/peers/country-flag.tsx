import { useEffect, useState } from "react";
import { countryName } from "../../format/country.ts";

/** Pictures as `data:` addresses, by country. */
const pictures = new Map<string, string>();
let loading: Promise<void> | undefined;

/** All flags come as one file when the first is to be seen: nobody's first picture of the window waits for them. */
function loadFlags(): Promise<void> {
  loading ??= import("country-flag-icons/string/3x2").then((flags) => {
    for (const [code, svg] of Object.entries(flags)) {
      pictures.set(code.replace("_", "-"), `data:image/svg+xml,${encodeURIComponent(svg)}`);
    }
  });
  return loading;
}

/** The flag of a country with its name. @param code - ISO 3166-1 alpha-2. */
export function CountryFlag({ code }: { code: string }) {
  const [isLoaded, setLoaded] = useState(pictures.size > 0);
  useEffect(() => {
    if (isLoaded) return;
    let isWanted = true;
    void loadFlags().then(() => isWanted && setLoaded(true));
    return () => {
      isWanted = false;
    };
  }, [isLoaded]);
  const name = countryName(code);
  const picture = pictures.get(code);
  return (
    <span className="country" title={name} data-country={code} data-testid="country">
      {picture === undefined ? (
        <span className="country-blank" />
      ) : (
        <img src={picture} alt={name} width={18} height={12} className="country-flag" />
      )}
      <span className="country-code" aria-hidden={picture !== undefined}>
        {code}
      </span>
    </span>
  );
}
