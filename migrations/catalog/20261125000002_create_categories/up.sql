-- What products are sorted into. They refer to the slug, which never changes.
CREATE TABLE categories (
    id uuid PRIMARY KEY,
    slug text NOT NULL CONSTRAINT categories_slug_once UNIQUE
        CONSTRAINT categories_slug CHECK (slug ~ '^[a-z0-9-]{2,50}$'),
    name_fr text NOT NULL CONSTRAINT categories_name_fr CHECK (length(name_fr) BETWEEN 1 AND 100),
    name_ar text NOT NULL CONSTRAINT categories_name_ar CHECK (length(name_ar) BETWEEN 1 AND 100),
    name_en text NOT NULL CONSTRAINT categories_name_en CHECK (length(name_en) BETWEEN 1 AND 100),
    display_order integer NOT NULL CONSTRAINT categories_display_order CHECK (display_order BETWEEN 0 AND 1000),
    is_active boolean NOT NULL DEFAULT true
);

INSERT INTO categories (id, slug, name_fr, name_ar, name_en, display_order) VALUES
    ('01936000-0000-7000-8000-000000000001', 'perfume', 'Parfums', 'عطور', 'Perfume', 1),
    ('01936000-0000-7000-8000-000000000002', 'makeup', 'Maquillage', 'مكياج', 'Makeup', 2),
    ('01936000-0000-7000-8000-000000000003', 'skincare', 'Soins de la peau', 'العناية بالبشرة', 'Skincare', 3),
    ('01936000-0000-7000-8000-000000000004', 'haircare', 'Soins capillaires', 'العناية بالشعر', 'Haircare', 4),
    ('01936000-0000-7000-8000-000000000005', 'fashion', 'Mode', 'أزياء', 'Fashion', 5),
    ('01936000-0000-7000-8000-000000000006', 'accessories', 'Accessoires', 'إكسسوارات', 'Accessories', 6),
    ('01936000-0000-7000-8000-000000000007', 'electronics', 'Électronique', 'إلكترونيات', 'Electronics', 7),
    ('01936000-0000-7000-8000-000000000008', 'food', 'Alimentation', 'مواد غذائية', 'Food', 8),
    ('01936000-0000-7000-8000-000000000009', 'home', 'Maison', 'المنزل', 'Home', 9),
    ('01936000-0000-7000-8000-000000000010', 'beauty', 'Beauté', 'تجميل', 'Beauty', 10),
    ('01936000-0000-7000-8000-000000000011', 'health', 'Santé', 'صحة', 'Health', 11),
    ('01936000-0000-7000-8000-000000000012', 'sports', 'Sport', 'رياضة', 'Sports', 12),
    ('01936000-0000-7000-8000-000000000013', 'toys', 'Jouets', 'ألعاب', 'Toys', 13),
    ('01936000-0000-7000-8000-000000000014', 'books', 'Livres', 'كتب', 'Books', 14),
    ('01936000-0000-7000-8000-000000000015', 'automotive', 'Automobile', 'سيارات', 'Automotive', 15),
    ('01936000-0000-7000-8000-000000000016', 'garden', 'Jardin', 'حديقة', 'Garden', 16),
    ('01936000-0000-7000-8000-000000000017', 'pets', 'Animaux', 'حيوانات أليفة', 'Pets', 17),
    ('01936000-0000-7000-8000-000000000018', 'baby', 'Bébé', 'أطفال رضع', 'Baby', 18),
    ('01936000-0000-7000-8000-000000000019', 'office', 'Bureau', 'مكتب', 'Office', 19),
    ('01936000-0000-7000-8000-000000000020', 'other', 'Autres', 'أخرى', 'Other', 20);
