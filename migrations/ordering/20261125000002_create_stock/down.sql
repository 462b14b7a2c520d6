DROP TABLE stock_ledger;
DROP FUNCTION refuse_change();
DROP TABLE stock;
