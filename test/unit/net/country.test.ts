import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { Countries } from "../../../core/runtime/country.ts";

const DATABASE = pathToFileURL(
  join(
    import.meta.dirname,
    "../../../node_modules/@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb",
  ),
);

test("public addresses of both families have a country once the database is read", async () => {
  const countries = new Countries(DATABASE);
  expect(countries.of("8.8.8.8")).toBeUndefined();
  await countries.open();
  expect(countries.of("8.8.8.8")).toBe("US");
  expect(countries.of("2001:4860:4860::8888")).toBe("US");
  expect(countries.of("193.0.6.139")).toBe("NL");
});

test("local addresses and names of web seeds have none", async () => {
  const countries = new Countries(DATABASE);
  await countries.open();
  for (const host of ["127.0.0.1", "::1", "192.168.1.4", "10.0.0.1", "fe80::1", "fd00::7", "seed.example.org"]) {
    expect(countries.of(host)).toBeUndefined();
  }
});

test("a database that is not there is missed by nobody", async () => {
  const countries = new Countries(new URL("nowhere.mmdb", DATABASE));
  await countries.open();
  expect(countries.of("8.8.8.8")).toBeUndefined();
});
