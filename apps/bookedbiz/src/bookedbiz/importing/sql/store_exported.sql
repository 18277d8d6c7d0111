-- What does the summary by workbook tuple say of a month?
INSERT INTO exported SELECT * FROM exported_now WHERE month = :month
