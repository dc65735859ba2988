/** For a shell: fetch the published files from `shop` and check them. */
export function verifyCommands(shop: string): string {
  return `SHOP=${shop}
curl -sf $SHOP/v1/proof/keys > log.keys
curl -sf $SHOP/v1/proof/tree-head > log.head
size=$(sed -n 2p log.head); : > log.leaves
while have=$(wc -l < log.leaves); [ "$have" -lt "$size" ]; do
  curl -sf "$SHOP/v1/proof/entries?start=$have&end=$size" >> log.leaves || break
done
firebrand-verify stock log.keys log.head log.leaves
firebrand-verify queue log.keys log.head log.leaves`;
}
