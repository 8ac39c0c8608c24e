import { describe, expect, it } from "vitest";
import { MAX_XML, readXml, textOf } from "../../../../core/discovery/port-mapping/xml.ts";

describe("the XML of routers", () => {
  it("is read without prefixes and attributes, entities resolved", () => {
    const root = readXml(
      '\ufeff<?xml version="1.0"?>\r\n<!-- a > b --><s:Root xmlns:s="a>b" x=\'"\'>\n' +
        "<a>1 &lt; 2 &amp;&#65;&#x42; &unknown; &#0;</a><b/><c ><![CDATA[<raw>&amp;]]></c ></s:Root>\n",
    );
    expect(root?.name).toBe("Root");
    expect(root?.children.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(textOf(root as NonNullable<typeof root>, "a")).toBe("1 < 2 &AB &unknown; &#0;");
    expect(textOf(root as NonNullable<typeof root>, "c")).toBe("<raw>&amp;");
  });

  it.each([
    ["nothing", ""],
    ["text alone", "hello"],
    ["HTML", "<html><br><p>Not found</html>"],
    ["a tag that is not closed", "<a><b></b>"],
    ["a tag that closes nothing", "</a>"],
    ["two roots", "<a/><b/>"],
    ["text beside the root", "<a/>x"],
    ["a tag in a tag", "<a <b>></a>"],
    ["a name without end", `<${"a".repeat(1000)}`],
    ["an open quote", '<a b="></a>'],
  ])("is refused when it is %s", (_, text) => {
    expect(readXml(text)).toBeUndefined();
  });

  it("is refused when it defines anything: nothing is ever expanded", () => {
    const bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;&c;</a>';
    expect(readXml(bomb)).toBeUndefined();
    expect(readXml('<a><!ENTITY b "c"></a>')).toBeUndefined();
  });

  it("is refused when it is too long, too deep or too much", () => {
    expect(readXml(`<a>${" ".repeat(MAX_XML)}</a>`)).toBeUndefined();
    expect(readXml(`${"<a>".repeat(33)}${"</a>".repeat(33)}`)).toBeUndefined();
    expect(readXml(`<a>${"<b/>".repeat(5_000)}</a>`)).toBeUndefined();
    expect(readXml(`${"<a>".repeat(32)}${"</a>".repeat(32)}`)).toBeDefined();
  });
});
